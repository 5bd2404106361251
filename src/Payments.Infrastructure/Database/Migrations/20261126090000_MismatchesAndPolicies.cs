using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class MismatchesAndPolicies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "mismatch_currency",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "mismatch_decision",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "mismatch_intent_id",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "mismatch_minor",
                schema: "payments",
                table: "payments",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "mismatch_total_minor",
                schema: "payments",
                table: "payments",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "refund_policy",
                schema: "payments",
                table: "credit_packs",
                type: "text",
                nullable: false,
                defaultValue: "debt");

            migrationBuilder.CreateIndex(
                name: "IX_payments_awaiting_decision",
                schema: "payments",
                table: "payments",
                columns: new[] { "created_at", "id" },
                filter: "mismatch_minor IS NOT NULL AND mismatch_decision IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_payments_awaiting_decision",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "mismatch_currency",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "mismatch_decision",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "mismatch_intent_id",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "mismatch_minor",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "mismatch_total_minor",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "refund_policy",
                schema: "payments",
                table: "credit_packs");
        }
    }
}
