-- Takes the idempotency locks of tasks that are about to run. A lock belongs to the worker that its token names, until that
-- has been silent for a lease; its time to live is only a net.
-- Needs now_ms, is_dead, holder_of
-- KEYS  1 workers, 2 silence, then one idempotency key a task
-- ARGV  1 how long a lock lives at most (ms), 2 the lease (ms), then two per task: its lock token, and the token of a lock
--       that is certainly left over and is taken over with it (empty: none)
-- returns per task the key's value: its own token where the lock is taken, another task's token, or done:<task id>;
--         0 where the key is no string
local call, pcall = redis.call, redis.pcall
local workers, silence, lock_ttl, lease = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
-- See beat.lua: what has been claimed may run while Redis is full, and then makes room.
call('PERSIST', workers)

-- Whether a lock may be taken from who holds it.
local function is_left_over(value, known_to_be)
  if value == known_to_be then
    return true
  end
  local holder = holder_of(value)
  if not holder then
    return false
  end
  -- One that is not registered is from now on, as if it had just beaten: if it lives it beats again, and if not, its silence
  -- is gathered.
  pcall('ZADD', workers, 'NX', string.format('%d', now_ms()), holder)
  return is_dead(workers, silence, holder, lease)
end

local values = {}
for i = 3, #KEYS do
  local key, token, known_to_be = KEYS[i], ARGV[2 * i - 3], ARGV[2 * i - 2]
  if call('SET', key, token, 'NX', 'PX', lock_ttl) then
    values[#values + 1] = token
  else
    -- pcall: one key of a wrong type is one task's trouble.
    local value = pcall('GET', key)
    if type(value) ~= 'string' then
      value = 0
    elseif value ~= token and is_left_over(value, known_to_be) then
      call('SET', key, token, 'PX', lock_ttl)
      value = token
    end
    values[#values + 1] = value
  end
end
return values
