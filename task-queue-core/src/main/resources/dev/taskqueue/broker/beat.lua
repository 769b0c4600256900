-- Tells that a worker lives, and keeps the idempotency locks of what it runs.
-- Needs now_ms
-- KEYS  1 workers, 2 paused marker, 3 high lane, 4 normal lane, 5 low lane, then one idempotency key a lock
-- ARGV  1 the worker, 2 how long a lock lives without a heartbeat (ms), then one token a lock
-- returns the time (ms), how many lanes hold tasks, 1 while the queue is paused, else 0
local workers, paused, high, normal, low = unpack(KEYS, 1, 5)
local worker, lock_ttl = ARGV[1], ARGV[2]
local now = now_ms()
redis.call('ZADD', workers, now, worker)
for i = 6, #KEYS do
  local lock, token = KEYS[i], ARGV[i - 3]
  -- NX: a lock that was evicted or ran out while the worker was paused is taken again, unless another has it now.
  -- pcall: a key of a wrong type is no lock, and must not stop the heartbeat.
  if not redis.call('SET', lock, token, 'NX', 'PX', lock_ttl) and redis.pcall('GET', lock) == token then
    redis.call('PEXPIRE', lock, lock_ttl)
  end
end
return { now, redis.call('EXISTS', high, normal, low), redis.call('EXISTS', paused) }
