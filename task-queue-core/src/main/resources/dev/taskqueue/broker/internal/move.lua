-- Moves entries to another queue, byte for byte, each with all that belongs to it and only if it is still there. Ends early once
-- it has looked past many others.
-- Needs error_of, lane_to_push, add_scheduled, holder_of, take_each
-- KEYS  1 the place: a list or scheduled, 2 workers, 3 cancelled; of the other queue 4 normal lane, 5 scheduled or dead or the
--       lane, 6 cancelled; then seven per entry: its status, here and there, its number of recoveries, its unique key, here
--       and there, and its idempotency key, here and there (the place stands in for those that it has not)
-- ARGV  1 whether it comes to a lane there (1 or 0), then five per entry: its bytes, how many entries of a list came before it,
--       from the end that is taken first; its id (empty for what has none), and whether it has a unique key and an idempotency
--       key (1 or 0 each)
-- returns for each entry that it came to 1 if it was moved, 0 if it was not there any more, 2 if a key keeps it; and last the
--         error that stopped it, or an empty text
local call, pcall = redis.call, redis.pcall
local place, workers, cancelled = KEYS[1], KEYS[2], KEYS[3]
local normal, target, cancelled_there = KEYS[4], KEYS[5], KEYS[6]
local to_lane = ARGV[1] == '1'
local MOVED, GONE, KEPT = 1, 0, 2
local sorted = call('TYPE', place).ok == 'zset'
local refusal

local function field(unique, name)
  local value = pcall('HGET', unique, name)
  return type(value) == 'string' and value or nil
end

-- Whether somebody else waits for the key, or holds it there. A task that does not hold it takes it as it begins.
local function is_tied(unique, there, id)
  local holder = field(unique, 'id')
  if field(unique, 'next_id') == id or holder == id and field(unique, 'next_id') then
    return true
  end
  local holder_there = field(there, 'id')
  return holder == id and holder_there ~= nil and holder_there ~= id
end

-- Whether a copy of the task runs.
local function is_locked(lock)
  local value = pcall('GET', lock)
  local holder = type(value) == 'string' and holder_of(value)
  return holder and type(pcall('ZSCORE', workers, holder)) == 'string'
end

local function put(raw, score)
  if sorted then
    -- A score can be anything, infinity too.
    local due = math.max(0, math.min(tonumber(score) or 0, 9007199254740991))
    return error_of((add_scheduled(target, due, raw)))
  end
  return error_of(pcall('LPUSH', to_lane and lane_to_push(target, normal) or target, raw))
end

local function carry(from, to)
  if call('TYPE', from).ok == 'string' then
    pcall('RENAME', from, to)
  end
end

-- That a task has succeeded under the key counts there too; here it goes on to count.
local function copy_done(lock, there)
  local value = pcall('GET', lock)
  if type(value) == 'string' and string.sub(value, 1, 5) == 'done:' then
    local ttl = call('PTTL', lock)
    if ttl > 0 then
      pcall('SET', there, value, 'PX', ttl, 'NX')
    end
  end
end

local function follow(key, id, unique, idempotent)
  pcall('DEL', KEYS[key + 2])
  if id == '' then
    return
  end
  carry(KEYS[key], KEYS[key + 1])
  if unique and field(KEYS[key + 3], 'id') == id then
    pcall('RENAME', KEYS[key + 3], KEYS[key + 4])
  end
  if idempotent then
    copy_done(KEYS[key + 5], KEYS[key + 6])
  end
  local tombstone = pcall('HGET', cancelled, id)
  if type(tombstone) == 'string' then
    pcall('HSET', cancelled_there, id, tombstone)
    pcall('HDEL', cancelled, id)
  end
end

-- Returns what became of the entry; nothing where the other queue refuses it.
local function move(key, arg, find, take)
  local raw, position, id = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  local unique, idempotent = ARGV[arg + 3] == '1', ARGV[arg + 4] == '1'
  -- The score of an entry of scheduled, where one of a list is.
  local found
  if sorted then
    found = call('ZSCORE', place, raw)
  else
    found = find(raw, position)
  end
  if not found then
    return GONE
  elseif unique and is_tied(KEYS[key + 3], KEYS[key + 4], id) or idempotent and is_locked(KEYS[key + 5]) then
    return KEPT
  end
  -- Put first: what cannot be stays where it is.
  refusal = put(raw, found)
  if refusal then
    return nil
  end
  if sorted then
    call('ZREM', place, raw)
  else
    take(found)
  end
  follow(key, id, unique, idempotent)
  return MOVED
end

local reply = take_each(place, 7, 7, 2, 5, move)
reply[#reply + 1] = refusal or ''
return reply
