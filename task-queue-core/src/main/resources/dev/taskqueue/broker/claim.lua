-- Takes tasks for one worker: high before normal before low, oldest first, into its processing list.
-- Pops and pushes many at a time: half the cost of as many LMOVEs, and one step like all of a script.
-- KEYS  1 paused marker, 2 high lane, 3 normal lane, 4 low lane, 5 the worker's processing list
-- ARGV  1 how many tasks at most, 2 after how many bytes to stop
-- returns the tasks' bytes in the order in which to run them, or false while the queue is paused
if redis.call('EXISTS', KEYS[1]) == 1 then
  return false
end
if redis.call('EXISTS', KEYS[2], KEYS[3], KEYS[4]) == 0 then
  return {}
end
-- What is popped must have somewhere to go: looked at before, for a script is not rolled back.
local kind = redis.call('TYPE', KEYS[5]).ok
if kind ~= 'list' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the processing list is a ' .. kind)
end
local max, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local claimed = {}
for lane = 2, 4 do
  while #claimed < max and room > 0 do
    local popped = redis.call('RPOP', KEYS[lane], math.min(max - #claimed, 32))
    if not popped or #popped == 0 then
      break
    end
    redis.call('LPUSH', KEYS[5], unpack(popped))
    for _, raw in ipairs(popped) do
      claimed[#claimed + 1] = raw
      room = room - #raw
    end
  end
end
return claimed
