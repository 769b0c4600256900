-- Gives a unique key to a task, or lets the one that has it hold it on.
-- head: how the text of the task begins, up to its id; hold: for how long from now on (ms), as a net
local function hold_unique(unique, id, head, hold)
  redis.call('HSET', unique, 'id', id, 'head', head)
  redis.call('PEXPIRE', unique, string.format('%d', hold))
end
