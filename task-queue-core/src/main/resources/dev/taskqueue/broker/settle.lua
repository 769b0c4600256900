-- Commits outcomes of claimed tasks. Each counts only if this worker's list still holds the task: settling twice, or
-- after somebody recovered the task, changes nothing.
-- KEYS  1 the worker's processing list, 2 normal lane, 3 high lane, 4 low lane, 5 scheduled, 6 dead,
--       then per outcome: its idempotency key where it has a token, its status where statuses are kept
-- ARGV  1 the head of each status, 2 how long a final status is kept (ms), 3 how long a done idempotency key is kept (ms),
--       4 whether statuses are kept (1 or 0), 5 n, then the bytes of n tasks, then for each its verb and what goes with it,
--       and last, where statuses are kept, the tail of its status, which is empty for what has none:
--       done      -                         has ended
--       finish    task id                   has ended; its idempotency key becomes done:<task id>
--       skip      token                     has ended, not run
--       again     token                     has ended, not run; a status that tells a success stays
--       schedule  token, bytes, delay (ms)  waits in scheduled, as these bytes
--       bury      token, bytes              lies in dead, as these bytes
--       release   token, lane (1, 2, 3)     is back at the consuming end of its lane, unchanged
--       An idempotency key is given up that still holds the token; an empty one stands for no key.
-- returns per outcome 1, 0 where the list did not hold the task, or an error's text (the task is then still in the list)
local call, pcall, find = redis.call, redis.pcall, string.find
local processing, normal, status_ttl, tracked = KEYS[1], KEYS[2], ARGV[2], ARGV[4] == '1'
local count = tonumber(ARGV[5])
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head = string.format('%s"since":%d,', ARGV[1], now)
local results = {}

-- Tasks settle in about the order in which they were claimed. To pop as many of the oldest, and to put back what was not
-- meant, costs two thirds of as many LREMs, and half where the order is not quite the same.
local function take_many()
  local popped = call('RPOP', processing, count) or {}
  local left = {}
  for _, raw in ipairs(popped) do
    left[raw] = (left[raw] or 0) + 1
  end
  local extra = #popped
  for i = 1, count do
    local found = left[ARGV[5 + i]]
    if found then
      left[ARGV[5 + i]] = found > 1 and found - 1 or nil
      results[i] = 1
      extra = extra - 1
    end
  end
  if extra > 0 then
    local back = {}
    for i = #popped, 1, -1 do
      local found = left[popped[i]]
      if found then
        left[popped[i]] = found > 1 and found - 1 or nil
        back[#back + 1] = popped[i]
      end
    end
    -- In pieces: unpack takes some thousands at most, and a script that fails now would lose what is popped.
    for first = 1, #back, 1000 do
      call('RPUSH', processing, unpack(back, first, math.min(first + 999, #back)))
    end
  end
end

if count >= 8 then
  take_many()
end
for i = 1, count do
  results[i] = results[i] or call('LREM', processing, -1, ARGV[5 + i])
end

-- pcall, here and below: a key of a wrong type must not undo or block what is settled.
local place = {
  schedule = function(_, text, delay)
    -- The set would swallow a second task of the very same bytes; a blank more is the same JSON.
    while true do
      local added = pcall('ZADD', KEYS[5], 'NX', string.format('%d', now + delay), text)
      if added ~= 0 then
        return added
      end
      text = text .. ' '
    end
  end,
  bury = function(_, text)
    return pcall('LPUSH', KEYS[6], text)
  end,
  release = function(raw, number)
    -- Idle workers block on the normal lane alone.
    return pcall('RPUSH', call('EXISTS', normal) == 0 and normal or KEYS[1 + number], raw)
  end,
}
local arguments = { done = 0, finish = 1, skip = 1, again = 1, schedule = 3, bury = 2, release = 2 }
local lasting = { schedule = true, release = true }

local function settle_key(verb, key, token)
  if verb == 'finish' then
    pcall('SET', key, 'done:' .. token, 'PX', ARGV[3])
  elseif pcall('GET', key) == token then
    pcall('DEL', key)
  end
end

local function write_status(verb, status, tail)
  if lasting[verb] then
    pcall('SET', status, head .. tail)
    return
  end
  if verb == 'again' then
    local known = pcall('GET', status)
    if type(known) == 'string' and find(known, '"state":"succeeded"', 1, true) then
      return
    end
  end
  pcall('SET', status, head .. tail, 'PX', status_ttl)
end

local key, arg = 7, 6 + count
for i = 1, count do
  local verb = ARGV[arg]
  local first, last = arg + 1, arg + arguments[verb]
  if results[i] == 1 and place[verb] then
    local raw = ARGV[5 + i]
    local placed = place[verb](raw, ARGV[first + 1], ARGV[first + 2])
    if type(placed) == 'table' and placed.err then
      call('RPUSH', processing, raw)
      results[i] = placed.err
    end
  end
  if last >= first and ARGV[first] ~= '' then
    if results[i] == 1 then
      settle_key(verb, KEYS[key], ARGV[first])
    end
    key = key + 1
  end
  arg = last + 1
  if tracked then
    if ARGV[arg] ~= '' then
      if results[i] == 1 then
        write_status(verb, KEYS[key], ARGV[arg])
      end
      key = key + 1
    end
    arg = arg + 1
  end
end
return results
