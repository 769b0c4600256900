-- Takes tasks for one worker: high before parked before normal before low, oldest first, into its processing list.
-- Pops and pushes many at a time: half the cost of as many LMOVEs, and one step like all of a script.
-- Needs now_ms, oversized, stride
-- KEYS  1 paused marker, 2 high lane, 3 normal lane, 4 low lane, 5 the worker's processing list, 6 dead, 7 cancelled, then
--       the lists of parked tasks of types that the worker knows
-- ARGV  1 how many tasks at most, 2 after how many bytes to stop, 3 the length of the longest task,
--       4 how many to pop at a time to begin with: 1, or what the last claim says
-- returns false while the queue is paused, nothing where nothing waits, else how many to pop at a time in the next claim,
--         the length of an entry that was too long (0: none) and whether it is in dead (1) or could only be left in the
--         processing list (0), the error of a lane that cannot be read, 1 if tasks are cancelled, else 0, and then the tasks' bytes in
--         the order in which to run them
local call, pcall = redis.call, redis.pcall
local paused, high, normal, low = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
-- Mostly an idle worker asks: one command tells it that nothing waits.
if call('EXISTS', paused, high, normal, low, unpack(KEYS, 8)) == 0 then
  return {}
end
local processing, dead, cancelled = KEYS[5], KEYS[6], KEYS[7]
-- Mostly neither is there: one command tells that.
local any_cancelled = call('EXISTS', paused, cancelled)
if any_cancelled > 0 and call('EXISTS', paused) == 1 then
  return false
end
-- What is popped must have somewhere to go: looked at before, for a script is not rolled back.
local kind = call('TYPE', processing).ok
if kind ~= 'list' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the processing list is a ' .. kind)
end
local max, room, limit, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local HEADER = 5
local reply, count = { step, 0, 0, '', any_cancelled }, 0

-- Of popped entries that are too many bytes, or among which one is too long.
-- returns what there is room for, the one that is too long or nil, where what goes back begins, and the room that is left
local function fitting(popped, space, longest)
  local taken = {}
  for i, raw in ipairs(popped) do
    if space <= 0 then
      return taken, nil, i, space
    end
    if #raw > longest then
      return taken, raw, i + 1, 0
    end
    space = space - #raw
    taken[i] = raw
  end
  return taken, nil, #popped + 1, space
end

local lanes = { high, unpack(KEYS, 8) }
lanes[#lanes + 1] = normal
lanes[#lanes + 1] = low
for _, lane in ipairs(lanes) do
  while count < max and room > 0 do
    local popped = pcall('RPOP', lane, math.min(max - count, step))
    if not popped or popped.err or #popped == 0 then
      reply[4] = popped and popped.err or reply[4]
      break
    end
    local bytes, longest = 0, 0
    for i, raw in ipairs(popped) do
      reply[HEADER + count + i] = raw
      local length = #raw
      bytes = bytes + length
      if length > longest then
        longest = length
      end
    end
    step = bytes <= 32768 * #popped and 32 or stride(#popped, bytes, 32)
    if bytes > room or longest > limit then
      local taken, oversized, first_back
      taken, oversized, first_back, room = fitting(popped, room, limit)
      if oversized then
        reply[2] = #oversized
        if bury_oversized(dead, oversized, limit) then
          reply[3] = 1
        else
          call('LPUSH', processing, oversized)
        end
      end
      -- In their order: the oldest is the next to be taken.
      for i = #popped, first_back, -1 do
        call('RPUSH', lane, popped[i])
      end
      for i = 1, #popped do
        reply[HEADER + count + i] = taken[i]
      end
      popped = taken
    else
      room = room - bytes
    end
    if #popped > 0 then
      local pushed = pcall('LPUSH', processing, unpack(popped))
      if type(pushed) == 'table' then
        -- A user without the right to do that: nothing is lost by it.
        for i = #popped, 1, -1 do
          call('RPUSH', lane, popped[i])
        end
        return pushed
      end
      count = count + #popped
    end
  end
end
reply[1] = step
return reply
