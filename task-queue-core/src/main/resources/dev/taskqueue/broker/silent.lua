-- Names the workers whose lease has run out.
-- Needs now_ms
-- KEYS  1 workers
-- ARGV  1 the lease (ms), 2 how many to pass over, 3 how many at most
-- returns the workers, longest silent first
local workers = KEYS[1]
local lease, offset, max = unpack(ARGV)
return redis.call('ZRANGEBYSCORE', workers, '-inf', '(' .. (now_ms() - lease), 'LIMIT', offset, max)
