-- Accepts tasks: each goes onto its lane, and its status begins as pending.
-- A task for another lane goes onto the normal one while that is empty: idle workers block there and wake at once.
-- KEYS  1 normal lane, 2 high lane, 3 low lane, then one status a task where statuses are kept
-- ARGV  1 whether statuses are kept (1 or 0), then per task: its lane (1, 2 or 3), its JSON,
--       its status, whether one that tells a success stays (1 or 0)
-- returns how many were accepted, in their order; and where that is not all of them, the error that stopped it
local tracked = ARGV[1] == '1'
local count = 0
for i = 2, #ARGV, 4 do
  local lane = KEYS[tonumber(ARGV[i])]
  if lane ~= KEYS[1] and redis.call('EXISTS', KEYS[1]) == 0 then
    lane = KEYS[1]
  end
  local pushed = redis.pcall('LPUSH', lane, ARGV[i + 1])
  if type(pushed) == 'table' then
    return { count, pushed.err }
  end
  count = count + 1
  if tracked then
    local status = KEYS[3 + count]
    local known = ARGV[i + 3] == '1' and redis.pcall('GET', status)
    if type(known) ~= 'string' or not string.find(known, '"state":"succeeded"', 1, true) then
      -- pcall: the task is accepted; a status that cannot be written must not make it look refused.
      redis.pcall('SET', status, ARGV[i + 2])
    end
  end
end
return { count }
