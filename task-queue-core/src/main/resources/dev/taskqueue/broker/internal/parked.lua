-- Tells which of a worker's types have parked tasks. What has been parked for too long, of any type, goes to the normal lane,
-- where whoever takes it says so.
-- Needs now_ms, error_of
-- KEYS  1 waiting: types, by since when (ms) the oldest task of each has been parked at least; 2 normal lane, whose name those of
--       the parked lists begin with
-- ARGV  1 for how long tasks are parked (ms), 2 how many to move at most, 3 how many types to tell at most, then the worker's types
-- returns the types that have parked tasks
local call, pcall, protected = redis.call, redis.pcall, pcall
local waiting, normal = KEYS[1], KEYS[2]
local grace, room, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()

local function oldest(list)
  local entry = pcall('LRANGE', list, -1, -1)
  if entry.err then
    -- Left where it is; the other types go on.
    return nil
  end
  return entry[1] or false
end

-- Since when a task has been parked; nil where it does not tell.
local function since_of(raw)
  local ok, task = protected(cjson.decode, raw)
  return ok and type(task) == 'table' and tonumber(task.waiting_since) or nil
end

local page = pcall('ZRANGEBYSCORE', waiting, '-inf', string.format('%d', now - grace), 'LIMIT', 0, 100)
if page.err then
  return {}
end
for _, kind in ipairs(page) do
  local list = normal .. ':waiting:' .. kind
  local raw = oldest(list)
  while raw and room > 0 do
    local since = since_of(raw)
    if since and since > now - grace then
      pcall('ZADD', waiting, 'XX', string.format('%d', since), kind)
      break
    end
    room = room - 1
    if error_of(pcall('LPUSH', normal, raw)) then
      break
    end
    call('RPOP', list)
    raw = oldest(list)
  end
  if raw == false then
    call('ZREM', waiting, kind)
  elseif raw == nil then
    pcall('ZADD', waiting, 'XX', string.format('%d', now), kind)
  end
end

local found = {}
for arg = 4, #ARGV do
  local kind = ARGV[arg]
  if #found < most and call('ZSCORE', waiting, kind) then
    if call('EXISTS', normal .. ':waiting:' .. kind) == 1 then
      found[#found + 1] = kind
    else
      call('ZREM', waiting, kind)
    end
  end
end
return found
