-- Makes scheduled tasks ready before their time: each is the next of its lane, and only if it is still scheduled.
-- Needs error_of, lane_to_push
-- KEYS  1 scheduled, 2 normal lane, 3 high lane, 4 low lane, then one per task: its status
-- ARGV  four per task: its bytes, its bytes without a time, its lane (1 normal, 2 high, 3 low), and its status from now on
--       (empty where none is kept)
-- returns for each task 1, or 0 where it was not scheduled any more, or why its lane cannot take it: it stays scheduled then
local call, pcall = redis.call, redis.pcall
local scheduled, normal = KEYS[1], KEYS[2]

local function run(i)
  local arg = 4 * i - 3
  local raw, text, lane, status = unpack(ARGV, arg, arg + 3)
  if not call('ZSCORE', scheduled, raw) then
    return 0
  end
  local refusal = error_of(pcall('RPUSH', lane_to_push(KEYS[1 + lane], normal), text))
  if refusal then
    return refusal
  end
  call('ZREM', scheduled, raw)
  if status ~= '' then
    pcall('SET', KEYS[4 + i], status, 'XX')
  end
  return 1
end

local reply = {}
for i = 1, #ARGV / 4 do
  reply[i] = run(i)
end
return reply
