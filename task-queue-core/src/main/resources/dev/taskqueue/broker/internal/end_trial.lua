-- Ends a worker's trial.
-- KEYS  1 trial, then the count of recoveries of the task that has survived it, if one has
-- ARGV  1 the worker
-- returns nothing
-- pcall: what is no hash has no record to delete.
redis.pcall('HDEL', KEYS[1], ARGV[1])
if KEYS[2] then
  redis.call('DEL', KEYS[2])
end
