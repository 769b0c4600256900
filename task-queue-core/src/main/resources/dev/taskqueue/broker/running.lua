-- Marks tasks as running, as long as the worker still holds them.
-- KEYS  1 the worker's processing list, then one status a task
-- ARGV  1 the head of each status, then per task: its bytes, the tail of its status, for how long it has been running (ms)
-- returns nothing
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local task = 1
for i = 2, #ARGV, 3 do
  task = task + 1
  -- Not ours any more: whoever has the task now writes its status.
  if redis.call('LPOS', KEYS[1], ARGV[i]) then
    redis.pcall('SET', KEYS[task], string.format('%s"since":%d,%s', ARGV[1], now - ARGV[i + 2], ARGV[i + 1]))
  end
end
