-- The worker that holds an idempotency lock of this value; nil where it is no lock.
local function holder_of(value)
  return string.match(value, '^run:.*:([^:]+):[^:]*$')
end
