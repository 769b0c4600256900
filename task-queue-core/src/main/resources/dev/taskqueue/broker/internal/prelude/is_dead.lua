-- Whether a worker has been silent for a whole lease, as visit.lua has gathered it: the record is of its latest heartbeat.
-- One that is not registered cannot be judged.
local function is_dead(workers, silence, worker, lease)
  local beat, record = redis.pcall('ZSCORE', workers, worker), redis.pcall('HGET', silence, worker)
  if type(beat) ~= 'string' or type(record) ~= 'string' then
    return false
  end
  local seen, gathered = string.match(record, '^(%S+) (%d+) ')
  return seen == beat and tonumber(gathered) >= tonumber(lease)
end
