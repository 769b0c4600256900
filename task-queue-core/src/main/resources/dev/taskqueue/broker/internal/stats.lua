-- Counts the tasks in each place; a key of a wrong type holds none.
-- KEYS  1 high lane, 2 normal lane, 3 low lane, 4 scheduled, 5 dead, 6 paused marker, 7 suspects,
--       then one processing list a worker
-- returns the seven counts in that order (the marker's is 1 or 0), and that of all the processing lists
local counts = {}
for i = 1, 7 do
  local count = redis.pcall(i == 4 and 'ZCARD' or i == 6 and 'EXISTS' or 'LLEN', KEYS[i])
  counts[i] = type(count) == 'number' and count or 0
end
local held = 0
for i = 8, #KEYS do
  local count = redis.pcall('LLEN', KEYS[i])
  held = held + (type(count) == 'number' and count or 0)
end
counts[8] = held
return counts
