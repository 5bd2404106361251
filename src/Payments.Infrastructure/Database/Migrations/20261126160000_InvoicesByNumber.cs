using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class InvoicesByNumber : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_invoices_number",
                schema: "payments",
                table: "invoices",
                column: "number",
                filter: "number IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_invoices_number",
                schema: "payments",
                table: "invoices");
        }
    }
}
