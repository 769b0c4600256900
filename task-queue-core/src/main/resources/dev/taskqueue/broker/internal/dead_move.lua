-- Takes dead letters out, each byte for byte as it was read: into its lane as a fresh task, or away. One that is not there any
-- more is passed over. Ends early once it has looked past many others.
-- Needs error_of, lane_to_push, hold_unique, take_each
-- KEYS  1 dead, 2 normal lane, 3 high lane, 4 low lane, then three per letter: its status, its number of recoveries, and its
--       unique key (the normal lane stands in for one that it has not)
-- ARGV  eight per letter: its bytes, how many older ones there were, its lane (1 normal, 2 high, 3 low; 0: it goes away), the task's bytes, its status (empty
--       where none is kept, or it goes away: then the status goes too), its id, and of a unique key that it takes how the
--       task's text begins, up to its id (empty: it takes none), and for how long it is held (ms)
-- returns for each letter that it came to 1 if it was taken out, 0 if it was not there, 2 if another task holds its unique
--         key; and last the error that stopped it, or an empty text
local call, pcall = redis.call, redis.pcall
local dead, normal = KEYS[1], KEYS[2]
local TAKEN, GONE, HELD = 1, 0, 2
local refusal

local function is_held(unique, id)
  local holder = pcall('HGET', unique, 'id')
  return holder and holder ~= id
end

-- Returns what became of the letter; nothing where its lane refuses it.
local function move(key, arg, find, take)
  local raw, position, lane, task, status, id, head, hold = unpack(ARGV, arg, arg + 7)
  local away = lane == '0'
  local at = find(raw, position)
  if not at then
    return GONE
  elseif head ~= '' and is_held(KEYS[key + 2], id) then
    return HELD
  elseif away then
    -- A first write that Redis allows while it is full: what goes makes room.
    call('PERSIST', dead)
  else
    -- Pushed first: what cannot be is a dead letter still.
    refusal = error_of(pcall('LPUSH', lane_to_push(KEYS[1 + lane], normal), task))
    if refusal then
      return nil
    end
  end
  take(at)
  if head ~= '' then
    hold_unique(KEYS[key + 2], id, head, hold)
  end
  pcall('DEL', KEYS[key + 1])
  if status ~= '' then
    pcall('SET', KEYS[key], status)
  elseif away then
    pcall('DEL', KEYS[key])
  end
  return TAKEN
end

local reply = take_each(dead, 5, 3, 1, 8, move)
reply[#reply + 1] = refusal or ''
return reply
