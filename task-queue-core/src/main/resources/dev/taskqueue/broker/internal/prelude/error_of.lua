-- The error in a reply of redis.pcall; nil where there is none. Each function here costs a script some 0.1 µs a run, so that
-- claim, begin and enqueue, which run for single tasks, test the type of a reply themselves.
local function error_of(reply)
  return type(reply) == 'table' and reply.err or nil
end
