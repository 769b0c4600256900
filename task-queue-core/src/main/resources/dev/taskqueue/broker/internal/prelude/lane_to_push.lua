-- A task for another lane goes onto the normal one while that is empty: idle workers block there and wake at once.
local function lane_to_push(lane, normal)
  if lane ~= normal and redis.call('EXISTS', normal) == 0 then
    return normal
  end
  return lane
end
