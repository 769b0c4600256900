-- Reads a page of the dead letters, newest first. It goes on by how many are left behind those read, counted from the oldest,
-- so that letters which come meanwhile, and those of earlier pages that go, move nothing.
-- Needs stride
-- KEYS  1 dead
-- ARGV  1 how many letters are left, counted from the oldest (empty: all), 2 how many to read at most, 3 after how many bytes
--       to stop
-- returns how many are left then, and the letters
local dead, left, max, room = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local count = redis.call('LLEN', dead)
left = left == '' and count or math.min(tonumber(left), count)
local reply, step, read = { 0 }, 1, 0
while read < max and left > 0 and room > 0 do
  local from = count - left
  local page = redis.call('LRANGE', dead, from, from + math.min(step, max - read) - 1)
  local bytes = 0
  for _, raw in ipairs(page) do
    reply[#reply + 1] = raw
    bytes = bytes + #raw
    room = room - #raw
    left = left - 1
    read = read + 1
    if room <= 0 then
      break
    end
  end
  step = stride(#page, bytes, math.min(4 * step, 64))
end
reply[1] = left
return reply
