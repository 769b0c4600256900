-- Looks for a task in a page of a list or of scheduled, newest or earliest first. What else it reads stays in Redis.
-- Needs stride
-- KEYS  1 the list, or scheduled
-- ARGV  1 the task's id, 2 how many entries to pass over, 3 how many to look at at most, 4 after how many bytes to stop,
--       5 the length of the longest task, 6 whether its bytes are wanted (1 or 0), 7 whether to look at a list from its other
--       end, the oldest first (1 or 0)
-- returns how many entries were looked at, 1 if there are more, else 0, and, where the task was found, its type, its score
--         (empty in a list), its reason (empty where it has none) and its bytes (empty unless they are wanted)
local call = redis.call
local key, id = KEYS[1], ARGV[1]
local from, max, room = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local longest, wanted, oldest_first = tonumber(ARGV[5]), ARGV[6] == '1', ARGV[7] == '1'
local kind = call('TYPE', key).ok
if kind ~= 'list' and kind ~= 'zset' then
  return { 0, 0 }
end
local read = kind == 'list' and 'LRANGE' or 'ZRANGE'
local looked, step = 0, 1

local function entries(first, last)
  if kind == 'zset' or not oldest_first then
    return call(read, key, first, last)
  end
  local turned, page = {}, call('LRANGE', key, -1 - last, -1 - first)
  for i = #page, 1, -1 do
    turned[#turned + 1] = page[i]
  end
  return turned
end

local function text(value)
  return type(value) == 'string' and value or ''
end

while looked < max and room > 0 do
  local page = entries(from + looked, from + math.min(looked + step, max) - 1)
  if #page == 0 then
    return { looked, 0 }
  end
  local bytes = 0
  for _, raw in ipairs(page) do
    looked = looked + 1
    bytes = bytes + #raw
    room = room - #raw
    -- Reading JSON takes longer than looking whether it can be this one; an id may be written with escapes.
    if #raw <= longest and (string.find(raw, id, 1, true) or string.find(raw, '\\', 1, true)) then
      local ok, task = pcall(cjson.decode, raw)
      if ok and type(task) == 'table' and task.id == id then
        local score = kind == 'zset' and call('ZSCORE', key, raw) or ''
        return { looked, 1, text(task.type), score, text(task.reason), wanted and raw or '' }
      end
    end
    if room <= 0 then
      break
    end
  end
  step = stride(#page, bytes, math.min(4 * step, 64))
end
local count = call(kind == 'list' and 'LLEN' or 'ZCARD', key)
return { looked, count > from + looked and 1 or 0 }
