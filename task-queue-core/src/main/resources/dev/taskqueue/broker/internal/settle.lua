-- Commits outcomes of claimed tasks. Each counts only if this worker's list still holds the task: settling twice, or
-- after the task was recovered by another worker, changes nothing.
-- Needs now_ms, error_of, lane_to_push, add_scheduled, hold_unique, release_unique
-- KEYS  1 the worker's processing list, 2 normal lane, 3 high lane, 4 low lane, 5 scheduled, 6 dead,
--       7 cancelled,
--       then one status per outcome where statuses are kept,
--       then two per outcome that is not just done, its idempotency key and its unique key; the normal lane stands in for one
--       that it has not
-- ARGV  1 the prefix of each status, 2 how long a final status is kept (ms), 3 how long a done idempotency key is kept (ms),
--       4 whether statuses are kept (1 or 0), 5 the number n of outcomes,
--       then n times the task's bytes,
--       then n times the verb:
--         done      has ended; has neither an idempotency key nor a unique key
--         finish    has ended; its idempotency key tells from now on that it has succeeded
--         skip      has ended, not run
--         repeat    has ended, not run, as this very task has succeeded before; a status that is there stays
--         schedule  waits in scheduled
--         postpone  waits in scheduled until a time of its own
--         bury      lies in dead
--         park      waits for a worker that knows its type
--         release   is back at the consuming end of its lane, unchanged
--       then, where statuses are kept, n times the suffix of the status; empty where none is to be written,
--       then six per outcome that is not just done, each empty where it does not apply:
--         1 the token of its idempotency lock, which is given up where the key still holds it
--         2 what its idempotency key holds once the task has succeeded; empty for a task without a key
--         3 its bytes from now on (schedule, postpone, bury, park)
--         4 its delay in ms (schedule), its due time in ms (postpone), its lane: 1 normal, 2 high, 3 low (release), or its
--           type (park)
--         5 of its unique key: for how long it is held from now on in ms (0: it is given up), whether the task has begun (1 or
--           0), and its id, with blanks between
--         6 its id, where it neither goes on nor is dead once it is cancelled
--       Most outcomes are just done: with all fields in each, this script took 6 to 40 % longer for 100 of them, and
--       17 to 90 % with the reading of the request.
-- returns per outcome 1, 0 where the list did not hold the task, or what it is still in the list for: an error's text or, in an
--         array, its tombstone
local call, pcall = redis.call, redis.pcall
local processing, normal, scheduled, dead, cancelled = KEYS[1], KEYS[2], KEYS[5], KEYS[6], KEYS[7]
local status_ttl, done_ttl, tracked, count = ARGV[2], ARGV[3], ARGV[4] == '1', tonumber(ARGV[5])
-- What stands before the first of each kind.
local RAW = 5
local VERB = RAW + count
local SUFFIX = VERB + count
local STATUS = 7
local now = now_ms()
local prefix = string.format('%s"since":%d,', ARGV[1], now)
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
    local raw = ARGV[RAW + i]
    local found = left[raw]
    if found then
      left[raw] = found > 1 and found - 1 or nil
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

-- The tombstone of a task; nil where it has none. Mostly none has one: one command tells that of all.
local any_cancelled
local function tombstone_of(id)
  if any_cancelled == nil then
    any_cancelled = call('EXISTS', cancelled) == 1
  end
  local tombstone = any_cancelled and pcall('HGET', cancelled, id)
  return type(tombstone) == 'string' and tombstone or nil
end

-- In this order: a list that is not named among the types would be found by nobody. See parked.lua for its keys.
local function park(text, kind)
  return error_of(pcall('ZADD', normal .. ':waiting', 'NX', string.format('%d', now), kind))
      or error_of(pcall('LPUSH', normal .. ':waiting:' .. kind, text))
end

-- Puts a task that goes on, or is dead, where it belongs; returns the error for which it cannot.
-- pcall, here and below: a key of a wrong type must not undo or block what is settled.
local function place(verb, raw, text, number)
  if verb == 'schedule' then
    return error_of(add_scheduled(scheduled, now + number, text))
  elseif verb == 'postpone' then
    return error_of(add_scheduled(scheduled, number, text))
  elseif verb == 'bury' then
    return error_of(pcall('LPUSH', dead, text))
  elseif verb == 'park' then
    return park(text, number)
  elseif verb == 'release' then
    return error_of(pcall('RPUSH', lane_to_push(KEYS[1 + number], normal), raw))
  end
end

-- Ends a task's hold on its idempotency key; returns whether a copy of this very task has succeeded before.
local function unlock(verb, key, token, done)
  if verb == 'finish' then
    pcall('SET', key, done, 'PX', done_ttl)
    return false
  end
  local held = pcall('GET', key)
  if held == token then
    pcall('DEL', key)
  end
  return held == done
end

-- Has a task hold its unique key on, or gives it up, as the rule says.
local function keep_or_release(key, rule)
  local hold, begun, id = string.match(rule, '^(%d+) (%d) (.+)$')
  if hold == '0' then
    release_unique(key, id, { normal, KEYS[3], KEYS[4] }, scheduled)
  elseif pcall('HGET', key, 'id') == id then
    pcall('PEXPIRE', key, hold)
    if begun == '0' then
      pcall('HDEL', key, 'begun')
    end
  end
end

local function write_status(verb, status, text, succeeded_before)
  if verb == 'repeat' then
    pcall('SET', status, text, 'PX', status_ttl, 'NX')
  elseif succeeded_before then
    return
  elseif verb == 'schedule' or verb == 'postpone' or verb == 'park' or verb == 'release' then
    pcall('SET', status, text)
  else
    pcall('SET', status, text, 'PX', status_ttl)
  end
end

if count >= 8 then
  take_many()
end
for i = 1, count do
  results[i] = results[i] or call('LREM', processing, -1, ARGV[RAW + i])
end

local more = tracked and SUFFIX + count or SUFFIX
local lock = (tracked and STATUS + count or STATUS) - 1
for i = 1, count do
  local verb = ARGV[VERB + i]
  local succeeded_before = false
  if verb ~= 'done' then
    lock = lock + 2
    if results[i] == 1 then
      local raw = ARGV[RAW + i]
      local id = ARGV[more + 6]
      local tombstone = id ~= '' and tombstone_of(id)
      local refusal = tombstone and { tombstone } or place(verb, raw, ARGV[more + 3], ARGV[more + 4])
      if refusal then
        call('RPUSH', processing, raw)
        results[i] = refusal
      else
        if ARGV[more + 2] ~= '' then
          succeeded_before = unlock(verb, KEYS[lock], ARGV[more + 1], ARGV[more + 2])
        end
        if ARGV[more + 5] ~= '' then
          keep_or_release(KEYS[lock + 1], ARGV[more + 5])
        end
      end
    end
    more = more + 6
  end
  if tracked and results[i] == 1 then
    local suffix = ARGV[SUFFIX + i]
    if suffix ~= '' then
      write_status(verb, KEYS[STATUS + i], prefix .. suffix, succeeded_before)
    end
  end
end
return results
