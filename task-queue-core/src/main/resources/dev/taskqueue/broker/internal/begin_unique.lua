-- Takes the unique keys of tasks that are about to run, or gives them up where they are held until then. A holder whose
-- content was replaced while it waited gets the newest, in place in the processing list, so that it stays the same through a
-- crash; from here on it is not replaced any more. A task whose key another one holds, as it was pushed bare or its net was
-- over, does not run.
-- Needs now_ms, lane_to_push, add_scheduled, hold_unique, release_unique
-- KEYS  1 the worker's processing list, 2 normal lane, 3 high lane, 4 low lane, 5 scheduled, then one unique key a task
-- ARGV  seven per task: its bytes, its id, how its text begins, up to its id, what becomes of it while another holds the key
--       (reject, replace or run_after), for how long the key is held from now on (ms), its text once it has begun (empty:
--       unchanged), and, for replace, the text that takes the place of the holder's (else empty)
-- returns per task 1 (it may run), its text from now on (it may run, as that), 0 (another holds the key: it waits), 2 (another
--         holds the key: it ends), 3 (the worker does not hold the task any more), 4 (the key holds something else), or 5 (it
--         may run, and has been about to before)
local call, pcall = redis.call, redis.pcall
local processing, normal, scheduled = KEYS[1], KEYS[2], KEYS[5]
local lanes = { normal, KEYS[3], KEYS[4] }
local RUN, WAIT, STOP, GONE, UNUSABLE, RUN_AGAIN = 1, 0, 2, 3, 4, 5
-- A first write that Redis allows while it is full: what has been claimed may run then, and makes room.
call('PERSIST', processing)

-- What becomes of a task while another one holds its key.
local function give_way(unique, or_else, begun_text, replacement)
  if or_else == 'run_after' then
    return WAIT
  end
  local head = call('HGET', unique, 'head')
  if or_else == 'replace' and head and not call('HGET', unique, 'begun') then
    call('HSET', unique, 'body', head .. replacement, 'starts', begun_text ~= '' and '1' or '0')
  end
  return STOP
end

local function begin(unique, raw, id, head, or_else, hold, begun_text, replacement)
  local position = call('LPOS', processing, raw)
  if not position then
    return GONE
  end
  local holder = pcall('HGET', unique, 'id')
  if type(holder) == 'table' then
    return UNUSABLE
  end
  if holder and holder ~= id then
    return give_way(unique, or_else, begun_text, string.sub(replacement, #head + 1))
  end
  local text, starts = begun_text, begun_text ~= ''
  local begun_before = holder and call('HGET', unique, 'begun')
  if holder and not begun_before then
    local newest = call('HGET', unique, 'body')
    if newest then
      text, starts = newest, call('HGET', unique, 'starts') == '1'
      call('HDEL', unique, 'body', 'starts')
    end
  end
  if text ~= '' then
    call('LSET', processing, position, text)
  end
  if starts then
    release_unique(unique, id, lanes, scheduled)
  else
    hold_unique(unique, id, head, hold)
    call('HSET', unique, 'begun', '1')
  end
  return text ~= '' and text or begun_before and RUN_AGAIN or RUN
end

local results = {}
for i = 6, #KEYS do
  local arg = 7 * (i - 6)
  results[#results + 1] = begin(KEYS[i], unpack(ARGV, arg + 1, arg + 7))
end
return results
