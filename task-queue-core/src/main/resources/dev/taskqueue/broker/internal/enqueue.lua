-- Accepts tasks: each goes onto its lane, and its status begins as pending. A task that has succeeded, as its idempotency
-- key tells, keeps its status: it will not run again.
-- Needs lane_to_push
-- KEYS  1 normal lane, 2 high lane, 3 low lane, then one status per task where statuses are kept,
--       then one idempotency key per task that has one
-- ARGV  1 the number of statuses, then four per task: its lane (1 normal, 2 high, 3 low), its JSON, what its idempotency key
--       holds once it has succeeded (empty for a task without a key), its status (empty where statuses are not kept)
-- returns how many were accepted, in their order; and where that is not all of them, the error that stopped it
local pcall = redis.pcall
local normal = KEYS[1]
local count, lock = 0, 3 + ARGV[1]
for arg = 2, #ARGV, 4 do
  local pushed = pcall('LPUSH', lane_to_push(KEYS[0 + ARGV[arg]], normal), ARGV[arg + 1])
  if type(pushed) == 'table' then
    return { count, pushed.err }
  end
  count = count + 1
  local done, status = ARGV[arg + 2], ARGV[arg + 3]
  if done ~= '' then
    lock = lock + 1
  end
  if status ~= '' and (done == '' or pcall('GET', KEYS[lock]) ~= done) then
    -- pcall: the task is accepted; a status that cannot be written must not make it look refused.
    pcall('SET', KEYS[3 + count], status)
  end
end
return { count }
