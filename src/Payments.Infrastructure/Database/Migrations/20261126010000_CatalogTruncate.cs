using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Payments.Infrastructure.Database.Migrations;

/// <summary>A catalog that is emptied at once has changed too: the caches hear of it.</summary>
[DbContext(typeof(PaymentsDbContext))]
[Migration("20261126010000_CatalogTruncate")]
public partial class CatalogTruncate : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "CREATE TRIGGER notify_catalog_truncated AFTER TRUNCATE ON payments.credit_packs FOR EACH STATEMENT EXECUTE FUNCTION payments.notify_catalog_changed();");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TRIGGER notify_catalog_truncated ON payments.credit_packs;");
}
