-- Takes tasks back from a worker whose lease has run out: to the consuming end of their lanes, or, when that has
-- happened too often to one, to dead. Called with the newest claims first, so that the oldest is taken next.
-- From the second time on each comes back apart from the others, by way of scheduled: what was at hand when a poison
-- pill killed its worker must not be at hand the next time too.
-- KEYS  1 workers, 2 the silent worker's processing list, 3 normal lane, 4 high lane, 5 low lane, 6 dead, 7 scheduled,
--       then per task: its count of recoveries, its status
-- ARGV  1 the silent worker, 2 the lease (ms), 3 recoveries allowed, 4 how long counts and final statuses are kept (ms),
--       5 the head of each status, then per task: its bytes, its lane (1 normal, 2 high, 3 low), its bytes as a dead letter,
--       the tails of its status when it is back and when it is dead; both are empty where it has none
-- returns per task 1 (back in its lane, or on its way), 2 (dead), 0 (not in the list any more), or the error for which it
--         is still there; nothing if the worker is alive again
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local beat = redis.call('ZSCORE', KEYS[1], ARGV[1])
if beat and tonumber(beat) >= now - ARGV[2] then
  return {}
end
local head = string.format('%s"since":%d,', ARGV[5], now)
local APART_MS = 200
local apart = 0

local function schedule(text)
  local due = string.format('%d', now + apart * APART_MS)
  apart = apart + 1
  -- The set would swallow a second task of the very same bytes; a blank more is the same JSON.
  while true do
    local added = redis.pcall('ZADD', KEYS[7], 'NX', due, text)
    if added ~= 0 then
      return added
    end
    text = text .. ' '
  end
end

local results = {}
local key = 8
for i = 6, #ARGV, 5 do
  local raw = ARGV[i]
  local result = redis.call('LREM', KEYS[2], 1, raw)
  if result == 1 then
    -- pcall, here and below: the task is out of its list, and no key of a wrong type may keep it from where it goes.
    local known = redis.pcall('GET', KEYS[key])
    local count = 1 + (type(known) == 'string' and tonumber(known) or 0)
    local placed
    if count > tonumber(ARGV[3]) then
      placed = redis.pcall('LPUSH', KEYS[6], ARGV[i + 2])
      result = 2
    elseif count > 1 then
      placed = schedule(raw)
    elseif redis.call('EXISTS', KEYS[3]) == 0 then
      placed = redis.pcall('RPUSH', KEYS[3], raw)
    else
      placed = redis.pcall('RPUSH', KEYS[2 + ARGV[i + 1]], raw)
    end
    if type(placed) == 'table' and result == 1 then
      -- Not where it belongs, but where it is run.
      placed = redis.pcall('RPUSH', KEYS[3], raw)
    end
    if type(placed) == 'table' then
      redis.call('LPUSH', KEYS[2], raw)
      result = placed.err
    else
      redis.pcall('INCR', KEYS[key])
      redis.pcall('PEXPIRE', KEYS[key], ARGV[4])
    end
    if result == 2 and ARGV[i + 4] ~= '' then
      redis.pcall('SET', KEYS[key + 1], head .. ARGV[i + 4], 'PX', ARGV[4])
    elseif result == 1 and ARGV[i + 3] ~= '' then
      redis.pcall('SET', KEYS[key + 1], head .. ARGV[i + 3])
    end
  end
  results[#results + 1] = result
  key = key + 2
end
return results
