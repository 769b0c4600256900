-- Reads what a worker holds, newest first, a page at a time.
-- Needs now_ms, oversized, stride
-- KEYS  1 the worker's processing list, 2 dead
-- ARGV  1 how many of the newest entries to pass over, 2 how many to read at most, 3 after how many bytes to stop,
--       4 the length of the longest task
-- returns how many entries to pass over for the next page (-1: this is the last), the length of an entry that was too long
--         (0: none) and whether it is in dead now (1) or could not be moved (0), then the entries;
--         or, alone, the error of a list that cannot be read
local processing, dead = KEYS[1], KEYS[2]
local kind = redis.call('TYPE', processing).ok
if kind == 'none' then
  return { -1, 0, 0 }
end
if kind ~= 'list' then
  return 'WRONGTYPE the processing list is a ' .. kind
end
local from, max, room, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local HEADER = 3
local reply, count, step = { -1, 0, 0 }, 0, 1
while count < max and room > 0 do
  local read = redis.call('LRANGE', processing, from, from + math.min(step, max - count) - 1)
  if #read == 0 then
    return reply
  end
  local bytes = 0
  for _, raw in ipairs(read) do
    bytes = bytes + #raw
    if room <= 0 then
      break
    end
    room = room - #raw
    if #raw > limit then
      room = 0
      reply[2] = #raw
      -- Pushed before it is removed: where it cannot be, it stays.
      if bury_oversized(dead, raw, limit) then
        reply[3] = 1
        redis.call('LREM', processing, 1, raw)
      else
        from = from + 1
      end
    else
      from = from + 1
      count = count + 1
      reply[HEADER + count] = raw
    end
  end
  step = stride(#read, bytes, math.min(4 * step, 256))
end
if redis.call('LLEN', processing) > from then
  reply[1] = from
end
return reply
