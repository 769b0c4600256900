-- Adds to the history what a worker tells, in the arguments from one on: how many counts, so many times a field and how much to add
-- to it, and then the tasks that have ended, oldest first. A full Redis refuses it, unless the script has written before.
-- returns 1, or 0 where it was refused for that
local function add_history(history, recent, from)
  local last = from + 2 * tonumber(ARGV[from])
  if #ARGV == from then
    return 1
  end
  local minute = string.format('%s:%d', history, math.floor(now_ms() / 60000))
  for i = from + 1, last, 2 do
    local reply = redis.pcall('HINCRBY', minute, ARGV[i], ARGV[i + 1])
    -- Whatever else is refused would be again: a field that is no number, a key of a wrong type.
    if type(reply) == 'table' and string.find(reply.err, 'OOM', 1, true) then
      return 0
    end
  end
  if last > from then
    redis.pcall('PEXPIRE', minute, 48 * 3600000 + 60000)
  end
  if #ARGV > last then
    redis.pcall('LPUSH', recent, unpack(ARGV, last + 1))
    redis.pcall('LTRIM', recent, 0, 999)
  end
  return 1
end
