-- Whether a task has succeeded, which its idempotency key tells: then no second copy of it changes its status.
-- done: what the key holds in that case; empty for a task without a key
local function has_succeeded(key, done)
  return done ~= '' and redis.pcall('GET', key) == done
end
