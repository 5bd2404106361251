using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class PlansAndAccess : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "access_grants",
                schema: "users",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    resource_type = table.Column<string>(type: "text", nullable: false),
                    resource_id = table.Column<string>(type: "text", nullable: false),
                    starts_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    subscription_type = table.Column<string>(type: "text", nullable: true),
                    subscription_expires = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access_grants", x => new { x.user_id, x.source });
                    table.ForeignKey(
                        name: "FK_access_grants_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "users",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "plans",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    interval = table.Column<string>(type: "text", nullable: false),
                    interval_count = table.Column<int>(type: "integer", nullable: false),
                    trial_days = table.Column<int>(type: "integer", nullable: false),
                    credits_per_period = table.Column<long>(type: "bigint", nullable: false),
                    credits_expire_after_days = table.Column<int>(type: "integer", nullable: true),
                    family = table.Column<string>(type: "text", nullable: false),
                    rank = table.Column<int>(type: "integer", nullable: false),
                    maximum_quantity = table.Column<int>(type: "integer", nullable: false),
                    refund_policy = table.Column<string>(type: "text", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    display_order = table.Column<int>(type: "integer", nullable: false),
                    gateway_price_id = table.Column<string>(type: "text", nullable: true),
                    access_id = table.Column<string>(type: "text", nullable: false),
                    access_type = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_plans", x => x.id);
                    table.CheckConstraint("plans_positive", "price_minor > 0 AND interval_count > 0 AND maximum_quantity > 0 AND credits_per_period >= 0 AND trial_days >= 0");
                });

            migrationBuilder.CreateTable(
                name: "plan_prices",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    plan_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account = table.Column<string>(type: "text", nullable: false),
                    livemode = table.Column<bool>(type: "boolean", nullable: false),
                    interval = table.Column<string>(type: "text", nullable: false),
                    interval_count = table.Column<int>(type: "integer", nullable: false),
                    gateway_price_id = table.Column<string>(type: "text", nullable: true),
                    gateway_product_id = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    retired_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_plan_prices", x => x.id);
                    table.ForeignKey(
                        name: "FK_plan_prices_plans_plan_id",
                        column: x => x.plan_id,
                        principalSchema: "payments",
                        principalTable: "plans",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_plan_prices_gateway_price_id",
                schema: "payments",
                table: "plan_prices",
                column: "gateway_price_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_plan_prices_terms",
                schema: "payments",
                table: "plan_prices",
                columns: new[] { "plan_id", "account", "livemode", "amount_minor", "currency", "interval", "interval_count" },
                unique: true,
                filter: "retired_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_plans_gateway_price_id",
                schema: "payments",
                table: "plans",
                column: "gateway_price_id",
                unique: true);

            foreach (var table in new[] { "payments.plans", "payments.plan_prices", "users.access_grants" })
            {
                migrationBuilder.Sql(
                    $"""
                    ALTER TABLE {table} ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
                    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
                    """);
            }

            migrationBuilder.Sql(
                """
                CREATE TRIGGER notify_catalog_changed AFTER INSERT OR UPDATE OR DELETE ON payments.plans FOR EACH STATEMENT EXECUTE FUNCTION payments.notify_catalog_changed();

                -- A profile's subscription comes from the grants from now on; those that other services gave so far stay.
                INSERT INTO users.access_grants (user_id, source, resource_type, resource_id, starts_at, until, state, subscription_type, subscription_expires)
                    SELECT id, 'entitlement:subscription', 'platform', '*', created_at, subscription_expires, 'given', subscription_type, subscription_expires
                    FROM users.users WHERE subscription_type IS NOT NULL;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access_grants",
                schema: "users");

            migrationBuilder.DropTable(
                name: "plan_prices",
                schema: "payments");

            migrationBuilder.DropTable(
                name: "plans",
                schema: "payments");
        }
    }
}
