-- Ends entries where they wait, each only if it is still there: what a worker has claimed meanwhile is that worker's to end. Ends
-- early once it has looked past many others.
-- Needs now_ms, has_succeeded, give_up, lane_to_push, add_scheduled, hold_unique, release_unique, take_each
-- KEYS  1 the place: a list or scheduled, 2 workers, 3 normal lane, 4 high lane, 5 low lane, 6 scheduled, then three per entry:
--       its idempotency key, its status and its unique key (the place stands in for one that it has not)
-- ARGV  1 how long a final status is kept (ms), 2 the number n of names of states in which a task has ended, then those, then
--       six per entry: its bytes, how many entries of a list came before it, from the end that is taken first; what its
--       idempotency key begins with while a claim of this task holds it, what it holds once the task has succeeded (both empty
--       for a task without a key), the suffix of its status (empty where none is to be written), and its id if it has a unique
--       key (else empty)
-- returns for each entry that it came to 1, or 0 where it was not there any more
local call, pcall, protected = redis.call, redis.pcall, pcall
local place, workers, scheduled = KEYS[1], KEYS[2], KEYS[6]
local lanes = { KEYS[3], KEYS[4], KEYS[5] }
local ttl, names = ARGV[1], tonumber(ARGV[2])
local sorted = call('TYPE', place).ok == 'zset'
local is_final = {}
for i = 3, 2 + names do
  is_final[ARGV[i]] = true
end
local prefix = string.format('{"since":%d,', now_ms())

-- A second copy of a task that has ended changes its status no more.
local function has_ended(status)
  local text = pcall('GET', status)
  if type(text) ~= 'string' then
    return false
  end
  local ok, fields = protected(cjson.decode, text)
  return ok and type(fields) == 'table' and is_final[fields.state] or false
end

local function purge(key, arg, find, take)
  local raw, position, token, done, suffix, unique_id = unpack(ARGV, arg, arg + 5)
  local lock, status, unique = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local taken
  if sorted then
    taken = call('ZREM', place, raw) == 1
  else
    taken = find(raw, position)
    if taken then
      take(taken)
    end
  end
  if taken then
    give_up(workers, lock, token)
    if unique_id ~= '' then
      release_unique(unique, unique_id, lanes, scheduled)
    end
    if suffix ~= '' and not has_succeeded(lock, done) and not has_ended(status) then
      pcall('SET', status, prefix .. suffix, 'PX', ttl)
    end
  end
  return taken and 1 or 0
end

-- A first write that Redis allows while it is full: what goes makes room.
call('PERSIST', place)
return take_each(place, 7, 3, 3 + names, 6, purge)
