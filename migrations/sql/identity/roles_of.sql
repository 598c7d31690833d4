-- execute: cv_rules
-- {stadium: [roles]} of a person; {} for most.
create or replace function app.roles_of(p_customer bigint) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce((select jsonb_object_agg(x.stadium_id, x.roles)
                     from (select sr.stadium_id, jsonb_agg(sr.role order by sr.role) as roles from public.staff_role sr
                            where sr.customer_id = p_customer group by sr.stadium_id) x), '{}');
end $$;
