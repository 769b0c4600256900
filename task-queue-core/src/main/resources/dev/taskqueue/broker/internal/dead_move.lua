-- Takes dead letters out, each byte for byte as it was read: into its lane as a fresh task, or away. One that is not there any
-- more is passed over. Ends early once it has looked past many others: each letter is looked for from the newest on.
-- Needs error_of, lane_to_push, hold_unique
-- KEYS  1 dead, 2 normal lane, 3 high lane, 4 low lane, then three per letter: its status, its number of recoveries, and its
--       unique key (the normal lane stands in for one that it has not)
-- ARGV  seven per letter: its bytes, its lane (1 normal, 2 high, 3 low; 0: it goes away), the task's bytes, its status (empty
--       where none is kept, or it goes away: then the status goes too), its id, and of a unique key that it takes how the
--       task's text begins, up to its id (empty: it takes none), and for how long it is held (ms)
-- returns for each letter that it came to 1 if it was taken out, 0 if it was not there, 2 if another task holds its unique
--         key; and last the error that stopped it, or an empty text
local call, pcall = redis.call, redis.pcall
local dead, normal = KEYS[1], KEYS[2]
-- A few milliseconds.
local MOST_PASSED = 20000
local reply, key, passed = {}, 5, 0
for arg = 1, #ARGV, 7 do
  local raw, lane, task, status = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
  local id, head, hold = ARGV[arg + 4], ARGV[arg + 5], ARGV[arg + 6]
  if passed >= MOST_PASSED then
    break
  end
  local position = call('LPOS', dead, raw)
  local taken = position and 1 or 0
  passed = passed + (position or call('LLEN', dead))
  if taken == 1 and head ~= '' then
    local holder = pcall('HGET', KEYS[key + 2], 'id')
    if holder and holder ~= id then
      taken = 2
    end
  end
  if taken == 1 and lane ~= '0' then
    -- Pushed first: what cannot be is a dead letter still.
    local refusal = error_of(pcall('LPUSH', lane_to_push(KEYS[1 + lane], normal), task))
    if refusal then
      reply[#reply + 1] = refusal
      return reply
    end
  end
  if taken == 1 then
    call('LREM', dead, 1, raw)
    if head ~= '' then
      hold_unique(KEYS[key + 2], id, head, hold)
    end
    pcall('DEL', KEYS[key + 1])
    if status ~= '' then
      pcall('SET', KEYS[key], status)
    elseif lane == '0' then
      pcall('DEL', KEYS[key])
    end
  end
  reply[#reply + 1] = taken
  key = key + 3
end
reply[#reply + 1] = ''
return reply
