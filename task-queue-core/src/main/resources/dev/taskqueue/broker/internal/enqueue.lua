-- Accepts tasks: each goes onto its lane, and its status begins as pending; or, where its time has not come, into scheduled.
-- A task that has succeeded, as its idempotency key tells, keeps its status: it will not run again.
-- Needs now_ms, lane_to_push, add_scheduled
-- KEYS  1 normal lane, 2 high lane, 3 low lane, 4 scheduled, 5 workers, 6 paused marker,
--       then one status per task where statuses are kept, then one idempotency key per task that has one
-- ARGV  1 the number of statuses, then six per task: its lane (1 normal, 2 high, 3 low), its JSON, what its idempotency key
--       holds once it has succeeded (empty for a task without a key), its status (empty where statuses are not kept), the time
--       before which it is not to run (ms; empty for at once), and its status until then
-- returns how many were accepted, in their order; and where that is not all of them, the error that stopped it
local call, pcall = redis.call, redis.pcall
local normal, scheduled, workers, paused = KEYS[1], KEYS[4], KEYS[5], KEYS[6]
-- Promoters look every second for what they have not been told of.
local POLL = 1100
local count, lock, now = 0, 6 + ARGV[1], nil

-- Whether to put a task that is due soon onto its lane all the same: the worker that takes it puts it into scheduled, and so
-- its promoter looks there, and finds all that is there. An idle worker does so at once. One such task at a time will do.
local function must_tell(lane, due)
  if due - now > POLL or call('EXISTS', workers) == 0 or call('EXISTS', paused) == 1 then
    return false
  end
  local newest = pcall('LRANGE', lane, 0, 0)[1]
  local waits_until = newest and string.match(newest, '"run_at":(%d+)')
  return not waits_until or tonumber(waits_until) <= now
end

local function delay(lane, raw, due)
  if must_tell(lane, due) then
    return pcall('LPUSH', lane, raw)
  end
  return add_scheduled(scheduled, due, raw)
end

for arg = 2, #ARGV, 6 do
  local lane, raw = lane_to_push(KEYS[0 + ARGV[arg]], normal), ARGV[arg + 1]
  local status, due, accepted = ARGV[arg + 3], ARGV[arg + 4], nil
  if due ~= '' then
    now = now or now_ms()
    due = tonumber(due)
    if due > now then
      status = ARGV[arg + 5]
      accepted = delay(lane, raw, due)
    end
  end
  accepted = accepted or pcall('LPUSH', lane, raw)
  if type(accepted) == 'table' then
    return { count, accepted.err }
  end
  count = count + 1
  local done = ARGV[arg + 2]
  if done ~= '' then
    lock = lock + 1
  end
  if status ~= '' and (done == '' or pcall('GET', KEYS[lock]) ~= done) then
    -- pcall: the task is accepted; a status that cannot be written must not make it look refused.
    pcall('SET', KEYS[6 + count], status)
  end
end
return { count }
