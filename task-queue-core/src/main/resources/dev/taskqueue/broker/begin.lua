-- Takes the idempotency locks of tasks that are about to run.
-- KEYS  one idempotency key a task
-- ARGV  1 how long a lock lives without a heartbeat (ms), then one lock token a task
-- returns per task the key's value: its own token where the lock is taken, another task's token, or done:<task id>;
--         0 where the key is no string
local call, pcall, lock_ttl = redis.call, redis.pcall, ARGV[1]
local values = {}
for i, key in ipairs(KEYS) do
  local token = ARGV[i + 1]
  if call('SET', key, token, 'NX', 'PX', lock_ttl) then
    values[i] = token
  else
    -- pcall: one key of a wrong type is one task's trouble.
    local value = pcall('GET', key)
    values[i] = type(value) == 'table' and 0 or value
  end
end
return values
