using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class DisputesAreLookedAt : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "due_at",
                schema: "payments",
                table: "disputes",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_disputes_due_at",
                schema: "payments",
                table: "disputes",
                column: "due_at",
                filter: "due_at IS NOT NULL");

            // Those that are open already are looked at soon.
            migrationBuilder.Sql("UPDATE payments.disputes SET due_at = now() WHERE closed_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_disputes_due_at",
                schema: "payments",
                table: "disputes");

            migrationBuilder.DropColumn(
                name: "due_at",
                schema: "payments",
                table: "disputes");
        }
    }
}
