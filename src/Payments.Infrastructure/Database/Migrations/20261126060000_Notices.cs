using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class Notices : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "time_zone",
                schema: "users",
                table: "users",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "next_notice_at",
                schema: "payments",
                table: "subscriptions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "noticed_end",
                schema: "payments",
                table: "subscriptions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "told_attempts",
                schema: "payments",
                table: "invoices",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "preferences",
                schema: "notifications",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    email = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_preferences", x => new { x.user_id, x.type });
                });

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_next_notice_at",
                schema: "payments",
                table: "subscriptions",
                column: "next_notice_at",
                filter: "next_notice_at IS NOT NULL");

            // What failed before is told; what is alive is looked at once, and plans its own notices then.
            migrationBuilder.Sql(
                """
                ALTER TABLE notifications.preferences ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
                CREATE TRIGGER touch_updated_at BEFORE UPDATE ON notifications.preferences FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
                UPDATE payments.invoices SET told_attempts = attempt_count;
                UPDATE payments.subscriptions SET next_notice_at = created_at WHERE status IN ('trialing', 'active', 'pastDue');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // The nearest that the older model knows.
            migrationBuilder.Sql("UPDATE notifications.notifications SET status = 'undeliverable' WHERE status = 'muted';");

            migrationBuilder.DropTable(
                name: "preferences",
                schema: "notifications");

            migrationBuilder.DropIndex(
                name: "IX_subscriptions_next_notice_at",
                schema: "payments",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "time_zone",
                schema: "users",
                table: "users");

            migrationBuilder.DropColumn(
                name: "next_notice_at",
                schema: "payments",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "noticed_end",
                schema: "payments",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "told_attempts",
                schema: "payments",
                table: "invoices");
        }
    }
}
