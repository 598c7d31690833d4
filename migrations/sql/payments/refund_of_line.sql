-- execute: cv_app, cv_worker, cv_rules
-- A fan's refund of a line: the policy's share of the face value and the fee unless it is kept (half up, to the step of
-- the currency), and the tax on top of both; all that was paid where nothing is kept.
create or replace function app.refund_of_line(p_face bigint, p_fee bigint, p_tax bigint, p_total bigint, p_share int,
                                              p_keeps_fees boolean, p_step bigint default 1) returns bigint
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select case when p_share = 10000 and not p_keeps_fees then p_total else
         least(p_total, x.back + case when p_total = p_face + p_fee or p_face + p_fee = 0 then 0
                                      else (2 * p_tax * x.back + (p_face + p_fee) * p_step)
                                           / (2 * (p_face + p_fee) * p_step) * p_step end) end
    from (select (10000 * case when p_keeps_fees then 0 else p_fee end + p_face * p_share + 5000 * p_step)
                 / (10000 * p_step) * p_step as back) x
$$;
