-- Takes tasks back from a worker that has been silent for a lease, to the consuming end of their lanes. Called with the newest
-- claims first, so that the oldest is taken next. Each is counted once; one that has been taken back too often is a suspect
-- and runs once more, in a trial. Only who kills its worker in its trial is dead; what lay beside it is not counted.
-- Needs error_of, lane_to_push, now_ms, is_dead, add_scheduled, hold_unique, release_unique
-- KEYS  1 workers, 2 the silent worker's processing list, 3 normal lane, 4 high lane, 5 low lane, 6 dead, 7 suspects,
--       8 silence, 9 trial, 10 scheduled, 11 what the silent worker says of itself,
--       then four per task: its count of recoveries, its idempotency key and its unique key (the normal lane stands in for one
--       that it has not), its status
-- ARGV  1 the silent worker, 2 the lease (ms), 3 recoveries allowed, 4 how long counts and final statuses are kept (ms),
--       5 the prefix of each status,
--       then seven per task: its bytes, its id (empty for one without an id of its own: it has never begun), its lane
--       (1 normal, 2 high, 3 low), its bytes as a dead letter (empty unless it was convicted before), what its idempotency key
--       holds once it has succeeded (empty for a task without a key), the suffixes of its status when it is back and when it is
--       dead; both are empty where it has none
-- returns per task 1 (back in its lane, or a suspect), 2 (dead), 3 (convicted; left where it is until its dead letter is
--         given), 0 (not in the list any more), or the error for which it is still there;
--         nothing if the worker is alive again
local call, pcall = redis.call, redis.pcall
local workers, processing, normal, dead, suspects = KEYS[1], KEYS[2], KEYS[3], KEYS[6], KEYS[7]
local silence, trial, scheduled = KEYS[8], KEYS[9], KEYS[10]
local worker, lease, allowed, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
if not is_dead(workers, silence, worker, lease) then
  return {}
end
local prefix = string.format('%s"since":%d,', ARGV[5], now_ms())
-- So many more deaths convict a task whose worker ran others beside it.
local BESIDE = 2 * (allowed + 1)

local alone, on_trial
local record = pcall('HGET', trial, worker)
if type(record) == 'string' then
  local state, id = string.match(record, '^(%a+) %d+ (.+)$')
  alone, on_trial = state == 'alone', id
end

-- How often a task has been taken back, this time included; nil for one that is not charged with it.
local function charge(id, count_key)
  if id == '' or (on_trial and id ~= on_trial) then
    return nil
  end
  local known = pcall('GET', count_key)
  return 1 + (type(known) == 'string' and tonumber(known) or 0)
end

-- pcall, here and below: the task is out of its list, and no key of a wrong type may keep it from where it goes.
local function place(raw, lane, letter, recoveries)
  if letter ~= '' then
    return error_of(pcall('LPUSH', dead, letter))
  end
  if recoveries and recoveries > allowed and not error_of(pcall('RPUSH', suspects, raw)) then
    return nil
  end
  -- Not where it belongs, but where it is run.
  return error_of(pcall('RPUSH', lane_to_push(lane, normal), raw)) and error_of(pcall('RPUSH', normal, raw))
end

-- The lock goes with the claim that held it, whatever becomes of the task.
local function unlock(lock, done)
  local held_by = 'run:' .. string.sub(done, 6) .. ':' .. worker .. ':'
  local value = pcall('GET', lock)
  if type(value) == 'string' and string.sub(value, 1, #held_by) == held_by then
    pcall('DEL', lock)
  end
  return value == done
end

local results = {}
local key = 12
for arg = 6, #ARGV, 7 do
  local raw, id, letter, done = ARGV[arg], ARGV[arg + 1], ARGV[arg + 3], ARGV[arg + 4]
  local count_key, lock, unique, status = KEYS[key], KEYS[key + 1], KEYS[key + 2], KEYS[key + 3]
  local recoveries = charge(id, count_key)
  local convicted = recoveries and id == on_trial and (alone or recoveries > BESIDE)
  local result
  if convicted and letter == '' then
    result = 3
  else
    result = call('LREM', processing, 1, raw)
    if result == 1 then
      result = letter == '' and 1 or 2
      local refusal = place(raw, KEYS[2 + ARGV[arg + 2]], letter, recoveries)
      if refusal then
        call('LPUSH', processing, raw)
        result = refusal
      else
        if recoveries then
          pcall('SET', count_key, recoveries, 'PX', ttl)
        end
        local succeeded = done ~= '' and unlock(lock, done)
        if result == 2 and unique ~= normal then
          release_unique(unique, id, { normal, KEYS[4], KEYS[5] }, scheduled)
        end
        local suffix = ARGV[arg + 4 + result]
        if suffix ~= '' and not succeeded then
          if result == 2 then
            pcall('SET', status, prefix .. suffix, 'PX', ttl)
          else
            pcall('SET', status, prefix .. suffix)
          end
        end
      end
    end
  end
  results[#results + 1] = result
  key = key + 4
end
if call('EXISTS', processing) == 0 then
  -- It says that it runs what others have by now.
  pcall('DEL', KEYS[11])
  if on_trial then
    pcall('HDEL', trial, worker)
  end
end
return results
