-- Reads what became of tasks, minute by minute, from a minute backwards.
-- Needs now_ms
-- KEYS  1 what the history's keys begin with
-- ARGV  1 the number of the minute to begin with (0: the current one), 2 how many minutes to look at, at most
-- returns the number of the minute that it began with, how many it looked at, then a list for each in which anything happened: the
--         minute's number, and by two a field and its count
local pcall = redis.pcall
local first, max = tonumber(ARGV[1]), tonumber(ARGV[2])
if first == 0 then
  first = math.floor(now_ms() / 60000)
end
-- So many fields in all; of one minute not more than workers can write.
local room, MOST = 20000, 20000
local reply, looked = { first, 0 }, 0
while looked < max and room > 0 do
  local key = string.format('%s:%d', KEYS[1], first - looked)
  local length = pcall('HLEN', key)
  if type(length) == 'number' and length > 0 and length <= MOST then
    local minute, fields = { first - looked }, pcall('HGETALL', key)
    for i = 1, #fields, 2 do
      if #fields[i] <= 1024 and #fields[i + 1] <= 20 then
        minute[#minute + 1] = fields[i]
        minute[#minute + 1] = fields[i + 1]
      end
    end
    reply[#reply + 1] = minute
    room = room - length
  end
  looked = looked + 1
end
reply[2] = looked
return reply
