-- Tells that a worker lives, and keeps the idempotency locks of what it runs.
-- KEYS  1 workers, 2 paused marker, 3 high lane, 4 normal lane, 5 low lane, then one idempotency key a lock
-- ARGV  1 the worker, 2 how long a lock lives without a heartbeat (ms), then one token a lock
-- returns the time (ms), how many lanes hold tasks, 1 while the queue is paused, else 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
for i = 6, #KEYS do
  local token = ARGV[i - 3]
  -- NX: a lock that was evicted or ran out while the worker was paused is taken again, unless another has it now.
  -- pcall: a key of a wrong type is no lock, and must not stop the heartbeat.
  if not redis.call('SET', KEYS[i], token, 'NX', 'PX', ARGV[2]) and redis.pcall('GET', KEYS[i]) == token then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
  end
end
return { now, redis.call('EXISTS', KEYS[3], KEYS[4], KEYS[5]), redis.call('EXISTS', KEYS[2]) }
