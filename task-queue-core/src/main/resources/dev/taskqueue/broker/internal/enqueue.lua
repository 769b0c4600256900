-- Accepts tasks: each goes onto its lane, and its status begins as pending; or, where its time has not come, into scheduled.
-- A task that has succeeded, as its idempotency key tells, keeps its status: it will not run again.
-- A task whose unique key another one holds is rejected, takes that one's place, or waits for it in scheduled.
-- Needs now_ms, lane_to_push, add_scheduled, hold_unique
-- KEYS  1 normal lane, 2 high lane, 3 low lane, 4 scheduled, 5 workers, 6 paused marker,
--       then one status per task where statuses are kept, then per task its idempotency key and its unique key, if it has them
-- ARGV  1 the number of statuses, then seven per task: its lane (1 normal, 2 high, 3 low), its JSON, what its idempotency key
--       holds once it has succeeded (empty for a task without a key), its status (empty where statuses are not kept), the time
--       before which it is not to run (ms; empty for at once), its status until then, and what becomes of it while another
--       holds its unique key: reject, replace or run_after (empty for a task without one);
--       with one, four more: its id, how its JSON begins, up to its id, for how long the key is held once it is due (ms), and
--       its JSON once it has begun (empty: unchanged)
-- returns how many were dealt with, in their order; the error that stopped it, where that is not all of them, else an empty
--         text; then three per task that was not accepted: its number from 0, the id of the task that stands instead, and
--         whether its content is now that one's (1 or 0)
local call, pcall = redis.call, redis.pcall
local normal, scheduled, workers, paused = KEYS[1], KEYS[4], KEYS[5], KEYS[6]
-- Promoters look every second for what they have not been told of.
local POLL = 1100
local count, last_key, now, others = 0, 6 + ARGV[1], nil, {}

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

-- While another task holds the key: rejects this one, puts it in the other's place, or has it wait.
-- returns the id of the task that stands instead and whether this one's content is that one's now; nil where it waits; or an
-- error
local function give_way(unique, holder, arg)
  local raw, or_else, id, head, hold, begun = ARGV[arg + 1], unpack(ARGV, arg + 6, arg + 10)
  if or_else == 'replace' and holder ~= id and not call('HGET', unique, 'begun') then
    local newest = string.sub(begun ~= '' and begun or raw, #head + 1)
    local set = pcall('HSET', unique, 'body', call('HGET', unique, 'head') .. newest, 'starts', begun ~= '' and '1' or '0')
    return type(set) == 'table' and set or holder, 1
  elseif or_else ~= 'run_after' or holder == id then
    return holder, 0
  end
  local waiting = call('HGET', unique, 'next')
  local due = waiting and call('ZSCORE', scheduled, waiting)
  local added, text
  if due then
    added, text = add_scheduled(scheduled, due, call('HGET', unique, 'next_head') .. string.sub(raw, #head + 1))
    if type(added) == 'table' then
      return added
    end
    call('ZREM', scheduled, waiting)
    call('HSET', unique, 'next', text, 'next_lane', ARGV[arg], 'next_due', ARGV[arg + 4], 'next_hold', hold)
    return call('HGET', unique, 'next_id'), 1
  end
  -- Where whoever looks for a task finds it. Should the holder get lost, it is due when the key is free.
  added, text = add_scheduled(scheduled, now_ms() + math.max(call('PTTL', unique), 0), raw)
  if type(added) == 'table' then
    return added
  end
  call('HSET', unique, 'next', text, 'next_id', id, 'next_head', head, 'next_lane', ARGV[arg], 'next_due', ARGV[arg + 4],
    'next_hold', hold)
  return nil
end

-- Onto its lane, or into scheduled; returns its status, or an error.
local function place(arg)
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
  return type(accepted) == 'table' and accepted or status
end

-- As place, for a task with a unique key; nil, where another one stands.
local function place_unique(unique, arg)
  local holder = pcall('HGET', unique, 'id')
  if type(holder) == 'table' then
    return holder
  end
  if holder then
    local standing, replaced = give_way(unique, holder, arg)
    if type(standing) == 'table' then
      return standing
    elseif standing then
      local last = #others
      others[last + 1], others[last + 2], others[last + 3] = count, standing, replaced
      return nil
    end
    return ARGV[arg + 3]
  end
  local status = place(arg)
  if type(status) ~= 'table' then
    local wait = ARGV[arg + 4] == '' and 0 or math.max(0, ARGV[arg + 4] - now_ms())
    hold_unique(unique, ARGV[arg + 7], ARGV[arg + 8], ARGV[arg + 9] + wait)
  end
  return status
end

local arg = 2
while arg <= #ARGV do
  local done, unique, status = ARGV[arg + 2], ARGV[arg + 6] ~= '', nil
  local lock = done ~= '' and last_key + 1
  last_key = last_key + (done ~= '' and 1 or 0)
  if unique then
    last_key = last_key + 1
    status = place_unique(KEYS[last_key], arg)
  else
    status = place(arg)
  end
  if type(status) == 'table' then
    return { count, status.err, unpack(others) }
  end
  count = count + 1
  if status and status ~= '' and (done == '' or pcall('GET', KEYS[lock]) ~= done) then
    -- pcall: the task is accepted; a status that cannot be written must not make it look refused.
    pcall('SET', KEYS[6 + count], status)
  end
  arg = arg + (unique and 11 or 7)
end
return { count, '', unpack(others) }
