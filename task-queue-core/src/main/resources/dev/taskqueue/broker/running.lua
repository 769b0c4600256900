-- Marks tasks as running, as long as the worker still holds them.
-- KEYS  1 the worker's processing list, then one status hash a task
-- ARGV  1 the worker, then per task: its bytes, its type, the attempt, created_at (ms), for how long it has been running (ms)
-- returns nothing
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local task = 1
for i = 2, #ARGV, 5 do
  task = task + 1
  -- Not ours any more: whoever has the task now writes its status.
  if redis.call('LPOS', KEYS[1], ARGV[i]) then
    redis.pcall('HSET', KEYS[task], 'state', 'running', 'type', ARGV[i + 1], 'attempts', ARGV[i + 2],
      'created_at', ARGV[i + 3], 'started_at', string.format('%d', now - ARGV[i + 4]), 'worker', ARGV[1])
    -- The hash may be that of an earlier run of the same task.
    redis.call('PERSIST', KEYS[task])
  end
end
