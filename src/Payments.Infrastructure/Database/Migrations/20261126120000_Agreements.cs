using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class Agreements : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_plan_prices_terms",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.AddColumn<bool>(
                name: "given_up",
                schema: "payments",
                table: "subscriptions",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "payment_method_id",
                schema: "payments",
                table: "subscriptions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "type",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "credits_per_period",
                schema: "payments",
                table: "plan_prices",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "credits_expire_after_days",
                schema: "payments",
                table: "plan_prices",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "family",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "access_type",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "access_id",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "refund_policy",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: true);

            // What was agreed before is what the plans say now: nothing older is known.
            migrationBuilder.Sql(
                """
                UPDATE payments.plan_prices p SET (type, credits_per_period, credits_expire_after_days, family, access_type, access_id, refund_policy)
                    = (SELECT type, credits_per_period, credits_expire_after_days, family, access_type, access_id, refund_policy FROM payments.plans WHERE id = p.plan_id)
                """);

            migrationBuilder.AlterColumn<string>(
                name: "type",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<long>(
                name: "credits_per_period",
                schema: "payments",
                table: "plan_prices",
                type: "bigint",
                nullable: false,
                oldClrType: typeof(long),
                oldType: "bigint",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "family",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "access_type",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "access_id",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "refund_policy",
                schema: "payments",
                table: "plan_prices",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_plan_prices_terms",
                schema: "payments",
                table: "plan_prices",
                columns: new[] { "plan_id", "account", "livemode", "amount_minor", "currency", "interval", "interval_count", "type", "credits_per_period", "credits_expire_after_days", "family", "access_type", "access_id", "refund_policy" },
                unique: true,
                filter: "retired_at IS NULL")
                .Annotation("Npgsql:NullsDistinct", false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "given_up",
                schema: "payments",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "payment_method_id",
                schema: "payments",
                table: "subscriptions");

            migrationBuilder.DropIndex(
                name: "IX_plan_prices_terms",
                schema: "payments",
                table: "plan_prices");

            // One price of the same amount and interval is sold at a time again: the newest.
            migrationBuilder.Sql(
                """
                UPDATE payments.plan_prices p SET retired_at = p.created_at WHERE p.retired_at IS NULL AND EXISTS (
                    SELECT 1 FROM payments.plan_prices o WHERE o.retired_at IS NULL AND (o.created_at, o.id) > (p.created_at, p.id)
                        AND (o.plan_id, o.account, o.livemode, o.amount_minor, o.currency, o.interval, o.interval_count)
                            = (p.plan_id, p.account, p.livemode, p.amount_minor, p.currency, p.interval, p.interval_count))
                """);

            migrationBuilder.DropColumn(
                name: "type",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.DropColumn(
                name: "credits_per_period",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.DropColumn(
                name: "credits_expire_after_days",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.DropColumn(
                name: "family",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.DropColumn(
                name: "access_type",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.DropColumn(
                name: "access_id",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.DropColumn(
                name: "refund_policy",
                schema: "payments",
                table: "plan_prices");

            migrationBuilder.CreateIndex(
                name: "IX_plan_prices_terms",
                schema: "payments",
                table: "plan_prices",
                columns: new[] { "plan_id", "account", "livemode", "amount_minor", "currency", "interval", "interval_count" },
                unique: true,
                filter: "retired_at IS NULL");
        }
    }
}
