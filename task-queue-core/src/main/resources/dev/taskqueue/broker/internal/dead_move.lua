-- Takes dead letters out, each byte for byte as it was read: into its lane as a fresh task, or away. One that is not there any
-- more is passed over.
-- Needs error_of, lane_to_push
-- KEYS  1 dead, 2 normal lane, 3 high lane, 4 low lane, then two per letter: its status and its number of recoveries
-- ARGV  four per letter: its bytes, its lane (1 normal, 2 high, 3 low; 0: it goes away), the task's bytes, and its status
--       (empty where none is kept, or it goes away: then the status goes too)
-- returns for each letter 1 if it was taken out, 0 if it was not there; and last the error that stopped it, or an empty text
local call, pcall = redis.call, redis.pcall
local dead, normal = KEYS[1], KEYS[2]
local reply, key = {}, 5
for arg = 1, #ARGV, 4 do
  local raw, lane, task, status = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
  local taken = call('LPOS', dead, raw) and 1 or 0
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
    pcall('DEL', KEYS[key + 1])
    if status ~= '' then
      pcall('SET', KEYS[key], status)
    elseif lane == '0' then
      pcall('DEL', KEYS[key])
    end
  end
  reply[#reply + 1] = taken
  key = key + 2
end
reply[#reply + 1] = ''
return reply
