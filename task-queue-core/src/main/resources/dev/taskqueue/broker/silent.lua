-- Names the workers whose lease has run out.
-- KEYS  1 workers
-- ARGV  1 the lease (ms), 2 how many to pass over, 3 how many at most
-- returns the workers, longest silent first
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - ARGV[1]), 'LIMIT', ARGV[2], ARGV[3])
