-- Accepts tasks: each goes onto its lane, and its status begins as pending.
-- A task for another lane goes onto the normal one while that is empty: idle workers block there and wake at once.
-- KEYS  1 normal lane, 2 high lane, 3 low lane, then one status hash a task where statuses are kept
-- ARGV  1 whether statuses are kept (1 or 0), then per task: its lane (1, 2 or 3), its JSON, its type, created_at (ms)
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
    -- pcall: the task is accepted; a status that cannot be written must not make it look refused.
    local added = redis.pcall('HSET', status, 'state', 'pending', 'type', ARGV[i + 2], 'created_at', ARGV[i + 3])
    if added ~= 3 then
      -- The hash of an earlier run of the same task, which was about to expire.
      redis.call('PERSIST', status)
    end
  end
end
return { count }
