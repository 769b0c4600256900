-- Fires a schedule: pushes a task, and says when the next fire is due. Only while score and definition are those that were
-- read, so that of many workers one fires, and none by a definition that has been changed since.
-- A task with a unique key is pushed only while no other one holds the key, and holds it from then on.
-- Needs error_of, lane_to_push, hold_unique
-- KEYS  1 cron, 2 cron:due, 3 cron:last, 4 cron:broken, 5 normal lane, 6 high lane, 7 low lane, 8 the task's status, 9
--       its unique key (the normal lane stands in where there is none)
-- ARGV  1 the schedule's name, 2 its score as it was read (empty: whatever it is, and it stays so), 3 its definition as it
--       was read, 4 the score from now on (ms; empty: none), 5 the task (empty: none), 6 its lane (1 normal, 2 high, 3 low),
--       7 its id, 8 its status (empty where none is kept), 9 why the schedule is set aside (empty: it is not), 10 how the task
--       begins, up to its id (empty: it has no unique key), 11 for how long its key is held (ms), 12 whether the fire waits
--       while another task holds the key (1; 0: it is left out)
-- returns 1 if that was done, 0 if it was not as it had been read, or, whatever the score is, has just enqueued a task of this
--         id; the id of the task that holds the key, in an array, where the fire waits or was left out for it; else the error
--         for which the task cannot be pushed
local call, pcall = redis.call, redis.pcall
local cron, due, last, broken, normal = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local status, unique = KEYS[8], KEYS[9]
local name, score, definition, next_score = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local task, lane, id, status_text, problem = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local head, hold, waits = ARGV[10], ARGV[11], ARGV[12] == '1'

if call('HGET', cron, name) ~= definition then
  return 0
end
if score ~= '' then
  if call('ZSCORE', due, name) ~= score then
    return 0
  end
elseif pcall('HGET', last, name) == id then
  return 0
end
local holder = head ~= '' and pcall('HGET', unique, 'id')
if type(holder) == 'table' then
  return holder.err
elseif holder and waits then
  return { holder }
end
if task ~= '' and not holder then
  local refusal = error_of(pcall('LPUSH', lane_to_push(KEYS[4 + lane], normal), task))
  if refusal then
    return refusal
  end
  if head ~= '' then
    hold_unique(unique, id, head, hold)
  end
  -- pcall: the task is pushed, and nothing must make it look as if it were not.
  pcall('HSET', last, name, id)
  if status_text ~= '' then
    pcall('SET', status, status_text)
  end
end
if score ~= '' then
  if next_score == '' then
    call('ZREM', due, name)
  else
    call('ZADD', due, next_score, name)
  end
end
if problem ~= '' then
  pcall('HSET', broken, name, problem)
end
return holder and { holder } or 1
